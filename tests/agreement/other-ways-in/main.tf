# Permission sets, anchors and other ways in that are not roles.
resource "aws_rolesanywhere_trust_anchor" "this" {
  name    = "anchor"
  enabled = true
  source {
    source_type = "AWS_ACM_PCA"
    source_data {
      acm_pca_arn = "arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/0000"
    }
  }
}

resource "aws_rolesanywhere_profile" "this" {
  name      = "profile"
  role_arns = [aws_iam_role.this.arn]
}

resource "aws_iam_role" "this" {
  name = "anywhere"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "rolesanywhere.amazonaws.com" }
      Action    = ["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]
      Condition = { ArnEquals = { "aws:SourceArn" = aws_rolesanywhere_trust_anchor.this.arn } }
    }]
  })
}

resource "aws_ssoadmin_permission_set" "this" {
  name         = "operators"
  instance_arn = "arn:aws:sso:::instance/ssoins-0000000000000000"
}

resource "aws_ssoadmin_managed_policy_attachment" "this" {
  instance_arn       = "arn:aws:sso:::instance/ssoins-0000000000000000"
  permission_set_arn = aws_ssoadmin_permission_set.this.arn
  managed_policy_arn = "arn:aws:iam::aws:policy/AdministratorAccess"
}

resource "aws_eks_access_entry" "this" {
  cluster_name  = "main"
  principal_arn = aws_iam_role.this.arn
}

resource "aws_eks_pod_identity_association" "this" {
  cluster_name    = "main"
  namespace       = "default"
  service_account = "app"
  role_arn        = aws_iam_role.this.arn
}
