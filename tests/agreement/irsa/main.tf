# A module in the style of the well-known ones: roles for service accounts of a cluster.
resource "aws_eks_cluster" "this" {
  name     = "main"
  role_arn = "arn:aws:iam::111122223333:role/cluster"
  vpc_config {
    subnet_ids = ["subnet-1", "subnet-2"]
  }
}

resource "aws_iam_openid_connect_provider" "eks" {
  url             = aws_eks_cluster.this.identity[0].oidc[0].issuer
  client_id_list  = ["sts.amazonaws.com"]
  thumbprint_list = ["9e99a48a9960b14926bb7f3b02e22da2b0ab7280"]
}

module "irsa" {
  source = "./modules/irsa"
  for_each = {
    dns    = { accounts = ["kube-system:external-dns"], policies = { zones = aws_iam_policy.zones.arn } }
    backup = { accounts = ["velero:velero", "velero:agent"], policies = {} }
  }
  name              = "irsa-${each.key}"
  provider_arn      = aws_iam_openid_connect_provider.eks.arn
  namespace_service = each.value.accounts
  policies          = each.value.policies
}

resource "aws_iam_policy" "zones" {
  name_prefix = "zones-"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "route53:ChangeResourceRecordSets", Resource = "arn:aws:route53:::hostedzone/*" }]
  })
}
